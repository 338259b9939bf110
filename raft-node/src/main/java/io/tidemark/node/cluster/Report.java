// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.server.time.Moment;

/** What a node said of itself, and when it had been asked. */
record Report(GetStatusResponse status, Moment asked) {}
