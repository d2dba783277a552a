package io.sluice.routing.config;

import org.yaml.snakeyaml.error.Mark;

/** Where something stands in a file: line and column from 1, and its key with dots. */
record YamlPlace(int line, int column, String key) {

    /** The file as a whole. */
    static final YamlPlace FILE = new YamlPlace(0, 0, "");

    static YamlPlace at(Mark mark, String key) {
        return new YamlPlace(mark.getLine() + 1, mark.getColumn() + 1, key);
    }

    /** The same spot, seen as the place of {@code child}. */
    YamlPlace child(String child) {
        return new YamlPlace(line, column, dotted(child));
    }

    String dotted(String child) {
        return key.isEmpty() ? child : key + "." + child;
    }
}
