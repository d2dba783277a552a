package io.sluice.manager.api;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.util.Map;
import java.util.Optional;

/** The {@link Answers} as JSON, for the server and for its clients. */
public final class ApiJson {

    private static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .create();

    private ApiJson() {}

    /** Indented, with a line break at the end. */
    public static String text(Object answer) {
        return GSON.toJson(answer) + "\n";
    }

    /** One object with these members. */
    public static String object(Map<String, ?> members) {
        return GSON.toJson(members);
    }

    /** Empty if the text is no such answer: whoever answered was no manager. */
    public static <T> Optional<T> read(String text, Class<T> type) {
        try {
            return Optional.ofNullable(GSON.fromJson(text, type));
        } catch (JsonParseException e) {
            return Optional.empty();
        }
    }
}
