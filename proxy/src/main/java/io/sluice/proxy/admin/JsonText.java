package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** JSON as a text. */
final class JsonText {

    /** Writes one object's members. */
    interface Members {
        void writeTo(JsonWriter json) throws IOException;
    }

    private JsonText() {}

    /** One object; indented for people, or on one line. */
    static String object(String indent, Members members) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setIndent(indent);
            json.setHtmlSafe(false);
            json.beginObject();
            members.writeTo(json);
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
