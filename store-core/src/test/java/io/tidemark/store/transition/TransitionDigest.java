// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.proto.v1.Entry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Applies the entries of a seed and prints a digest of everything that came out. Run in a JVM of its own. */
final class TransitionDigest {

    private static final int ENTRIES = 1_500;

    private TransitionDigest() {}

    public static void main(String[] args) throws NoSuchAlgorithmException {
        System.out.println(of(Long.parseLong(args[0])));
    }

    static String of(long seed) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        InMemoryState state = new InMemoryState(RandomEntries.SETTINGS);
        RandomEntries entries = new RandomEntries(seed);
        Transition transition = new Transition();
        for (int i = 0; i < ENTRIES; i++) {
            Entry entry = entries.next(state);
            Applied applied = transition.apply(state, entry);
            state.apply(applied);
            applied.results().forEach(result -> {
                if (result.commit() != null) {
                    result.commit().rowEffects().forEach(effect -> {
                        if (effect instanceof RowEffect.Put put) {
                            digest.update(put.row().value().toByteArray());
                        }
                    });
                }
                if (result.requestChange() != null) {
                    digest.update(result.requestChange().remembered().toByteArray());
                }
                // ByteString prints its identity; its content went in above.
                String text = result.toString().replaceAll("ByteString@[0-9a-f]+", "ByteString");
                digest.update(text.getBytes(StandardCharsets.UTF_8));
            });
            digest.update(applied.counters().toString().getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
