// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.resource;

import com.linecorp.armeria.common.HttpMethod;
import io.tidemark.proto.v1.ReadOptions;
import java.util.ArrayList;
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

    /**
     * A path of a resource.
     *
     * @param members of the key that it has as variables
     */
    public record Place(Operation operation, HttpMethod method, String template, List<String> members) {}

    /** All that it has. */
    public List<Place> places() {
        List<Place> all = new ArrayList<>();
        add(all, Operation.GET, HttpMethod.GET, keyMembers);
        add(all, Operation.LIST, HttpMethod.GET, List.of());
        if (keyMembers.size() > 1) {
            add(all, Operation.LIST, HttpMethod.GET, keyMembers.subList(0, 1));
        }
        add(all, Operation.CREATE, HttpMethod.POST, List.of());
        add(all, Operation.REPLACE, HttpMethod.PUT, List.of());
        add(all, Operation.REPLACE, HttpMethod.PUT, keyMembers);
        add(all, Operation.PATCH, HttpMethod.PATCH, keyMembers);
        add(all, Operation.DELETE, HttpMethod.DELETE, keyMembers);
        return all;
    }

    private void add(List<Place> all, Operation operation, HttpMethod method, List<String> members) {
        if (operations.contains(operation)) {
            StringBuilder template = new StringBuilder(path);
            members.forEach(member -> template.append("/{").append(member).append('}'));
            all.add(new Place(operation, method, template.toString(), members));
        }
    }
}
