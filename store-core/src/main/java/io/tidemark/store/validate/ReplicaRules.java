// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import io.tidemark.store.proto.v1.ReplicaRecord;

/** What a replica may say of itself. */
public final class ReplicaRules {

    /** The heaviest that a replica may be, of the shards that are to be spread. */
    public static final int WEIGHT_MAX = 10_000;

    private static final int ID_LENGTH_MAX = 63;
    private static final int ADDRESS_LENGTH_MAX = 262;

    private ReplicaRules() {}

    /** Throws unless a replica can be registered so. */
    public static void require(ReplicaRecord replica) {
        Violations violations = new Violations();
        check(violations, "replica_id", isId(replica.getReplicaId()), "1 to 63 of a-z, 0-9 and -");
        check(violations, "disk_id", isText(replica.getDiskId(), 1), "1 to 63 of a-z, A-Z, 0-9, '.', '_' and '-'");
        check(violations, "zone", isText(replica.getZone(), 0), "at most 63 of a-z, A-Z, 0-9, '.', '_' and '-'");
        check(
                violations,
                "weight",
                replica.getWeight() >= 1 && replica.getWeight() <= WEIGHT_MAX,
                "1 to " + WEIGHT_MAX + ", not " + replica.getWeight());
        check(violations, "client_address", isAddress(replica.getClientAddress()), "host:port");
        check(violations, "internal_address", isAddress(replica.getInternalAddress()), "host:port");
        violations.throwIfAny();
    }

    private static void check(Violations violations, String field, boolean holds, String expected) {
        if (!holds) {
            violations.add(field, "expected: " + expected);
        }
    }

    private static boolean isId(String id) {
        boolean valid = isText(id, 1) && id.charAt(0) != '-';
        for (int i = 0; valid && i < id.length(); i++) {
            char c = id.charAt(i);
            valid = NameRules.isLower(c) || NameRules.isDigit(c) || c == '-';
        }
        return valid;
    }

    private static boolean isText(String text, int lengthMin) {
        boolean valid = text.length() >= lengthMin && text.length() <= ID_LENGTH_MAX;
        for (int i = 0; valid && i < text.length(); i++) {
            valid = NameRules.isNameCharacter(text.charAt(i));
        }
        return valid;
    }

    /** A port behind the last colon, and something printable before it: what a host is, its resolver knows. */
    private static boolean isAddress(String address) {
        int colon = address.lastIndexOf(':');
        int portLength = address.length() - colon - 1;
        boolean valid = colon > 0 && portLength >= 1 && portLength <= 5 && address.length() <= ADDRESS_LENGTH_MAX;
        for (int i = 0; valid && i < address.length(); i++) {
            char c = address.charAt(i);
            valid = i > colon ? NameRules.isDigit(c) : c > ' ' && c < 0x7f;
        }
        return valid;
    }
}
