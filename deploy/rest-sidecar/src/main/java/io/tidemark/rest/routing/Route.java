// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.routing;

import com.linecorp.armeria.common.HttpMethod;

/**
 * Which requests a handler answers.
 *
 * @param name what metrics call it
 */
public record Route(HttpMethod method, PathTemplate template, String name, Handler handler) {}
