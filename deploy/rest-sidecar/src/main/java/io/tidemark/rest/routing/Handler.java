// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.routing;

import com.linecorp.armeria.common.HttpResponse;
import java.util.concurrent.CompletionStage;

/**
 * Answers requests of one route. Called on an event loop, and never waits there. What it throws, or what its stage fails with, becomes a
 * problem.
 */
@FunctionalInterface
public interface Handler {

    CompletionStage<HttpResponse> handle(Exchange exchange);

    /** Whether its answers go on for as long as their readers like, and have a limit of their own. */
    default boolean lasting() {
        return false;
    }
}
