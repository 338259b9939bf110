// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where things are in the source tree. Tests run in the directory of their module. */
final class SourceTree {

    static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    static final Path DEPLOY = ROOT.resolve("deploy");
    static final Path MONITORING = DEPLOY.resolve("monitoring");
    static final Path RESOURCES = DEPLOY.resolve("rest-sidecar").resolve("examples");
    static final Path KUBERNETES = DEPLOY.resolve("kubernetes");

    private static final Pattern VERSION = Pattern.compile("(?m)^  <version>(.*)</version>$");

    private SourceTree() {}

    /** The version that is being built. */
    static String version() {
        Matcher matcher = VERSION.matcher(read(ROOT.resolve("pom.xml")));
        if (!matcher.find()) {
            throw new AssertionError("no version in pom.xml");
        }
        return matcher.group(1);
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
