// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;

/** Gives rows the form that a caller wants them in. */
@FunctionalInterface
public interface RowMaker {

    /**
     * A row for a caller.
     *
     * @throws io.grpc.StatusRuntimeException if the value cannot be given in that form
     */
    Row row(RowName name, StoredRow row, ValueForm form, RowView view);
}
