// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.FlagsProvider;
import com.linecorp.armeria.common.util.TlsEngineType;

/**
 * What the HTTP server must not mend or refuse by itself, because keys stand in paths and parameters: {@code ;} and what follows it belongs to
 * a key, and so do two dots in a parameter. Found by Armeria through {@code META-INF/services}.
 */
public final class ArmeriaFlags implements FlagsProvider {

    @Override
    public int priority() {
        return 10;
    }

    @Override
    public Boolean allowSemicolonInPathComponent() {
        return true;
    }

    @Override
    public Boolean allowDoubleDotsInQueryString() {
        return true;
    }

    @Override
    public TlsEngineType tlsEngineType() {
        return TlsEngineType.JDK;
    }

    @Override
    public Boolean warnNettyVersions() {
        return false;
    }
}
