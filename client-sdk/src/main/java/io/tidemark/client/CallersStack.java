// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Iterator;

/** An iterator whose failures have the stack of whoever reads. */
record CallersStack<T>(Iterator<T> reader) implements Iterator<T> {

    @Override
    public boolean hasNext() {
        try {
            return reader.hasNext();
        } catch (TidemarkException e) {
            throw e.fromHere();
        }
    }

    @Override
    public T next() {
        try {
            return reader.next();
        } catch (TidemarkException e) {
            throw e.fromHere();
        }
    }
}
