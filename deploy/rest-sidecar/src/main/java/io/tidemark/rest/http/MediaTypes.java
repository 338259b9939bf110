// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import java.util.regex.Pattern;

/** Media types as they come in and go out. */
public final class MediaTypes {

    private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
    private static final Pattern FORM = Pattern.compile(TOKEN + "/" + TOKEN + "[ \\t]*(;[\\x20-\\x7e\\t]*)?");

    private MediaTypes() {}

    /** Whether it is one, with or without parameters. */
    public static boolean isOne(String type) {
        return FORM.matcher(type).matches();
    }

    /** As it can stand in a header: rows that came by other ways than HTTP may have types that no header can carry. */
    public static String inHeader(String type) {
        return isOne(type) ? type : "application/octet-stream";
    }
}
