package io.sluice.routing.config;

/** One value that is neither a list nor a mapping: its text as it stands in the file, and where. */
public final class YamlScalar {
    private final String text;
    private final YamlPlace place;
    private final ConfigProblems problems;

    YamlScalar(String text, YamlPlace place, ConfigProblems problems) {
        this.text = text;
        this.place = place;
        this.problems = problems;
    }

    public String text() {
        return text;
    }

    public int line() {
        return place.line();
    }

    /** Adds a mistake at this place. */
    public void mistake(String message) {
        problems.mistake(place, message);
    }

    /** Adds a warning at this place. */
    public void warning(String message) {
        problems.warning(place, message);
    }

    /** Adds the mistake that the text is not {@code noun}, e.g. "a server", where {@code expected} was. */
    public void unlike(String noun, String expected) {
        mistake(
                text.isEmpty()
                        ? "nothing stands here; expected " + expected
                        : Words.quoted(text) + " is not " + noun + "; expected " + expected);
    }
}
