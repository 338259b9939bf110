// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import picocli.CommandLine.IVersionProvider;

/** Which Tidemark this is, and which Java runs it. */
final class BuildVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {line()};
    }

    static String line() {
        return "tidemark " + ours() + " (Java " + java() + ")";
    }

    static String ours() {
        // From the jar's manifest; classes outside a jar have none.
        String version = BuildVersion.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    static String java() {
        return System.getProperty("java.version");
    }
}
