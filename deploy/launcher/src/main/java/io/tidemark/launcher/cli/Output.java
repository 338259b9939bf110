// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.function.Supplier;

/** Prints results in the form that was asked for. Of one thread. */
public final class Output {

    private final PrintStream out;
    private final OutputFormat format;

    public Output(Streams streams, OutputFormat format) {
        this.out = streams.out();
        this.format = format;
    }

    public OutputFormat format() {
        return format;
    }

    /** All there is to print: as text for people, or the same as one document. */
    public void document(Fields fields, Supplier<String> text) {
        switch (format) {
            case TABLE -> out.print(text.get());
            case JSON -> out.println(Json.pretty(fields.toMap()));
            case YAML -> out.print(Yaml.document(fields.toMap()));
        }
    }

    /** One of many results that come one by one. */
    public void item(Fields fields, Supplier<String> text) {
        switch (format) {
            case TABLE -> out.print(text.get());
            case JSON -> out.println(Json.line(fields.toMap()));
            case YAML -> out.print("---\n" + Yaml.document(fields.toMap()));
        }
    }

    /**
     * Lets everybody see what was printed so far.
     *
     * @throws IOException if nobody takes it any more
     */
    public void flush() throws IOException {
        if (out.checkError()) {
            throw new OutputClosedException();
        }
    }
}
