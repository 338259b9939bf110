// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.store.state.StoreBirth;
import java.util.List;

/** Why a node starts. An empty directory never votes by accident: it takes a bootstrap or a join. */
public sealed interface StartMode {

    /** The first start of a new group; every first member is given the same. */
    record Bootstrap(List<Member> members, StoreBirth birth) implements StartMode {
        public Bootstrap {
            members = List.copyOf(members);
        }
    }

    /** The first start of a node that a running group then takes in by a change of its membership. */
    record Join() implements StartMode {}

    /** Every other start. */
    record Restart() implements StartMode {}
}
