// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.tidemark.client.CommitResult;
import io.tidemark.client.Condition;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.Consistency;
import io.tidemark.client.GetAllResult;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Accounts with balances, between which amounts are transferred. Two rows change together or not at all, and only if neither has changed
 * since it was read: no money is made or lost, however many transfer at once and whichever servers fail.
 */
public final class Accounts {

    private static final int ATTEMPTS_MAX = 100;
    private static final long PAUSE_MILLIS_MAX = 20;

    private final TidemarkClient client;
    private final Table<String> balances;

    public Accounts(TidemarkClient client) {
        this.client = client;
        this.balances = client.table("balances");
    }

    /**
     * Opens an account.
     *
     * @throws ConditionFailedException if it is open already
     */
    public void open(String account, long balance) {
        balances.put(account, Long.toString(balance), Condition.absent());
    }

    /** What is in all of these accounts together: true at one moment, since they are read as of one index. */
    public long total(List<String> accounts) {
        GetAllResult<String> all = balances.getAll(accounts, Consistency.linearizable());
        return all.values().values().stream().mapToLong(Long::parseLong).sum();
    }

    /** Whether there was enough to transfer. */
    public boolean transfer(String from, String to, long amount) throws InterruptedException {
        if (amount <= 0 || from.equals(to)) {
            throw new IllegalArgumentException(
                    amount + " from " + from + " to " + to + " (expected: a positive amount, and two accounts)");
        }
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            // A replica may do: if it is behind, the commit is refused, and nothing worse.
            GetAllResult<String> both = balances.getAll(List.of(from, to));
            long fromBalance = balance(both, from);
            long toBalance = balance(both, to);
            if (fromBalance < amount) {
                return false;
            }
            CommitResult result =
                    client.commit(tx -> tx.ifUnchanged(both.row(from).orElseThrow())
                            .ifUnchanged(both.row(to).orElseThrow())
                            .put(balances, from, Long.toString(fromBalance - amount))
                            .put(balances, to, Long.toString(toBalance + amount)));
            if (result.committed()) {
                return true;
            }
            // Somebody was quicker. Those who meet again and again get out of each other's way.
            Thread.sleep(ThreadLocalRandom.current().nextLong(1, PAUSE_MILLIS_MAX));
        }
        throw new IllegalStateException(from + " and " + to + " changed at each of " + ATTEMPTS_MAX + " attempts");
    }

    private static long balance(GetAllResult<String> read, String account) {
        return read.value(account)
                .map(Long::parseLong)
                .orElseThrow(() -> new IllegalArgumentException("there is no account " + account));
    }

    /** Where a server is, as {@code host:port}. */
    public static void main(String[] args) throws InterruptedException {
        try (TidemarkClient client = TidemarkClient.connect(args.length > 0 ? args[0] : "127.0.0.1:7400")) {
            Accounts accounts = new Accounts(client);
            for (String account : List.of("ann", "bob")) {
                try {
                    accounts.open(account, 100);
                } catch (ConditionFailedException e) {
                    System.out.println(account + " has an account already");
                }
            }
            System.out.println(accounts.transfer("ann", "bob", 30) ? "30 from ann to bob" : "ann has less than 30");
            System.out.println(accounts.total(List.of("ann", "bob")) + " in all");
        }
    }
}
