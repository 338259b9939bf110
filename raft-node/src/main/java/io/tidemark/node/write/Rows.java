// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.store.LogTime;
import io.tidemark.store.StoredRow;

/** Rows as the answer to one write shows them, within the room that it has for values. One thread. */
final class Rows {

    private final ValueForms forms;
    private final ValueForm form;
    private long room;

    /** @param room how many bytes of values the answer may carry; beyond it they are left out, and the row says so */
    Rows(ValueForms forms, ValueForm form, long room) {
        this.forms = forms;
        this.form = form;
        this.room = room;
    }

    static Row withoutValue(String table, String key, StoredRow row) {
        return metadata(table, key, row).build();
    }

    /** @param valueIsHere false: the row was found, but its value was left out on the way */
    Row withValue(String table, String key, StoredRow row, boolean valueIsHere) {
        Row.Builder shown = metadata(table, key, row);
        if (valueIsHere && row.value().size() <= room) {
            room -= row.value().size();
            return shown.setValue(value(row)).build();
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

    private static Row.Builder metadata(String table, String key, StoredRow row) {
        Row.Builder shown = Row.newBuilder()
                .setTable(table)
                .setKey(key)
                .setVersion(row.version())
                .setCreatedIndex(row.createdIndex())
                .setModifiedIndex(row.modifiedIndex())
                .setModifiedTime(row.modifiedTime().toTimestamp());
        LogTime expireTime = row.expireTime();
        if (expireTime != null) {
            shown.setExpireTime(expireTime.toTimestamp());
        }
        return shown;
    }
}
