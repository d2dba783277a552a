package io.sluice.manager.imports;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One JSON object of codis, read as codis itself does: what is left out is 0, false or empty, and what is not known is
 * passed over. A value of another type is an {@link UnreadableException}.
 */
final class CodisJson {

    /** The text is not what codis writes. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;

        UnreadableException(String message) {
            super(message);
        }
    }

    private final JsonObject object;

    private CodisJson(JsonObject object) {
        this.object = object;
    }

    static CodisJson parse(byte[] bytes) throws UnreadableException {
        try {
            return of(JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)));
        } catch (JsonParseException e) {
            throw new UnreadableException("is no JSON");
        }
    }

    private static CodisJson of(JsonElement element) throws UnreadableException {
        if (!element.isJsonObject()) {
            throw new UnreadableException("is no JSON object");
        }
        return new CodisJson(element.getAsJsonObject());
    }

    private boolean has(String key) {
        return object.has(key) && !object.get(key).isJsonNull();
    }

    int number(String key) throws UnreadableException {
        try {
            return has(key) ? object.get(key).getAsInt() : 0;
        } catch (RuntimeException e) { // Gson has one for each way to be no number
            throw new UnreadableException("'" + key + "' is no whole number");
        }
    }

    boolean flag(String key) throws UnreadableException {
        if (has(key)
                && !(object.get(key).isJsonPrimitive()
                        && object.getAsJsonPrimitive(key).isBoolean())) {
            throw new UnreadableException("'" + key + "' is neither true nor false");
        }
        return has(key) && object.get(key).getAsBoolean();
    }

    String text(String key) throws UnreadableException {
        if (has(key) && !object.get(key).isJsonPrimitive()) {
            throw new UnreadableException("'" + key + "' is no text");
        }
        return has(key) ? object.get(key).getAsString() : "";
    }

    /** Without members if it is left out. */
    CodisJson member(String key) throws UnreadableException {
        return has(key) ? of(object.get(key)) : new CodisJson(new JsonObject());
    }

    /**
     * The objects of a list. Early versions had plain texts where later ones have objects: such a text becomes an object
     * with that one key.
     */
    List<CodisJson> members(String key, String keyOfTexts) throws UnreadableException {
        if (!has(key)) {
            return List.of();
        }
        if (!object.get(key).isJsonArray()) {
            throw new UnreadableException("'" + key + "' is no list");
        }
        List<CodisJson> members = new ArrayList<>();
        JsonArray array = object.getAsJsonArray(key);
        for (JsonElement element : array) {
            JsonElement member = element;
            if (element.isJsonPrimitive()) {
                JsonObject wrapped = new JsonObject();
                wrapped.add(keyOfTexts, element);
                member = wrapped;
            }
            members.add(of(member));
        }
        return members;
    }
}
