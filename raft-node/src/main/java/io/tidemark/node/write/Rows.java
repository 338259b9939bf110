// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.server.service.RowForms;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;

/**
 * Rows as the answer to a write shows them.
 *
 * @param room for values; those that find none are left out, and the row says so
 */
record Rows(ValueForms forms, ValueForm form, Room room) {

    /** What a message takes within others, beside itself. */
    static final int ITEM_BYTES = 8;

    static Row withoutValue(String table, String key, StoredRow row) {
        return RowForms.metadata(new RowName(table, key), row).build();
    }

    /** @param valueIsHere false: the row was found, but its value was left out on the way */
    Row withValue(String table, String key, StoredRow row, boolean valueIsHere) {
        Row.Builder shown = RowForms.metadata(new RowName(table, key), row);
        // No form is made in vain of what is too large already.
        if (valueIsHere && row.value().size() <= room.left()) {
            Value value = value(row);
            if (room.take(value.getSerializedSize() + ITEM_BYTES)) {
                return shown.setValue(value).build();
            }
        }
        return shown.setValueOmitted(true).build();
    }

    private Value value(StoredRow row) {
        try {
            return forms.of(row.value(), row.contentType(), form);
        } catch (StatusRuntimeException e) {
            // The write is settled, so its answer may not fail for want of a form.
            return forms.of(row.value(), row.contentType(), ValueForm.VALUE_FORM_BYTES);
        }
    }
}
