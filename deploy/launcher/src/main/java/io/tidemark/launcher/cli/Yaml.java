// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import com.google.gson.JsonElement;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Writes what {@link Fields} collected as YAML. */
final class Yaml {

    private Yaml() {}

    /** A document, which ends with a line end. */
    static String document(Object data) {
        DumpSettings settings =
                DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
        return new Dump(settings).dumpToString(plain(data));
    }

    private static Object plain(Object data) {
        if (data instanceof Map<?, ?> map) {
            Map<String, Object> plain = new LinkedHashMap<>();
            map.forEach((name, value) -> plain.put(String.valueOf(name), plain(value)));
            return plain;
        }
        if (data instanceof List<?> list) {
            List<Object> plain = new ArrayList<>();
            list.forEach(element -> plain.add(plain(element)));
            return plain;
        }
        if (data instanceof JsonText json) {
            return JsonText.parse(json.line()).map(Yaml::plain).orElse(json.line());
        }
        return data;
    }

    private static Object plain(JsonElement json) {
        if (json.isJsonObject()) {
            Map<String, Object> plain = new LinkedHashMap<>();
            json.getAsJsonObject().asMap().forEach((name, value) -> plain.put(name, plain(value)));
            return plain;
        }
        if (json.isJsonArray()) {
            List<Object> plain = new ArrayList<>();
            json.getAsJsonArray().forEach(element -> plain.add(plain(element)));
            return plain;
        }
        if (json.isJsonNull()) {
            return Optional.empty();
        }
        if (json.getAsJsonPrimitive().isBoolean()) {
            return json.getAsBoolean();
        }
        return json.getAsJsonPrimitive().isNumber() ? number(json.getAsBigDecimal()) : json.getAsString();
    }

    /** With all its digits. */
    private static Object number(BigDecimal number) {
        return number.scale() == 0 ? number.toBigIntegerExact() : number;
    }
}
