// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import picocli.CommandLine.IVersionProvider;

/** Which Tidemark this is, and which Java runs it. */
final class BuildVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        // From the jar's manifest; classes outside a jar have none.
        String version = BuildVersion.class.getPackage().getImplementationVersion();
        return new String[] {
            "tidemark " + (version == null ? "unpackaged" : version) + " (Java " + System.getProperty("java.version")
                    + ")"
        };
    }
}
