// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.resource;

import io.tidemark.proto.v1.ReadOptions;
import java.util.List;
import java.util.Set;

/**
 * A table as an application's own resource.
 *
 * @param path where it stands, without a slash at the end
 * @param keyMembers the members of each document that make its key, in their order, with slashes between
 * @param generated whether {@code POST} makes up the last of them where the document has none
 * @param operations which ones there are
 * @param get what reads of one document ask for that do not say
 * @param list what lists ask for that do not say
 */
public record ResourceSpec(
        String path,
        String table,
        List<String> keyMembers,
        boolean generated,
        Set<Operation> operations,
        ReadOptions get,
        ReadOptions list) {

    /** What can be done with a resource. */
    public enum Operation {
        GET,
        LIST,
        CREATE,
        REPLACE,
        PATCH,
        DELETE
    }

    /** The path of one document, with a variable for each part of its key. */
    String itemTemplate() {
        return path + "/"
                + String.join(
                        "/",
                        keyMembers.stream().map(member -> "{" + member + "}").toList());
    }
}
