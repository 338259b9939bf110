// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

/** Told by the leader's registrar. Each call is quick, does not throw, and is made without a lock. */
public interface RegistryListener {

    /** What the topology shows of replicas is, or may be, new. */
    void replicasChanged();

    /** A storm has begun, in which {@code silent} of {@code replicas} are not heard of. */
    void stormBegan(int silent, int replicas);

    void stormEnded();
}
