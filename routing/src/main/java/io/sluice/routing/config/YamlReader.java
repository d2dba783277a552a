package io.sluice.routing.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/** A file, or a text from elsewhere, as its outermost {@link YamlSection}. Only nodes are made, never objects. */
public final class YamlReader {
    /** Larger files are refused unread. */
    public static final int MAX_FILE_BYTES = 1 << 20;
    /** Lists and mappings within each other. */
    static final int MAX_DEPTH = 16;

    private YamlReader() {}

    /** Throws a {@link ConfigException} if the file cannot be read or is not one YAML mapping. */
    public static YamlSection read(Path file) {
        ConfigProblems problems = new ConfigProblems(file.toString());
        byte[] bytes = bytesOf(file, problems);
        problems.throwIfMistaken();
        return parse(bytes, problems);
    }

    /** The same for bytes that are no file; {@code name} stands in the problems where the file's name would. */
    public static YamlSection parse(String name, byte[] bytes) {
        return parse(bytes, new ConfigProblems(name));
    }

    private static byte[] bytesOf(Path file, ConfigProblems problems) {
        try {
            if (Files.isDirectory(file)) {
                problems.mistake(YamlPlace.FILE, "is a directory; expected a file");
                return new byte[0];
            }
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(MAX_FILE_BYTES + 1);
            }
        } catch (NoSuchFileException e) {
            problems.mistake(YamlPlace.FILE, "no such file");
        } catch (AccessDeniedException e) {
            problems.mistake(YamlPlace.FILE, "cannot be read: permission denied");
        } catch (IOException e) {
            problems.mistake(YamlPlace.FILE, "cannot be read: " + reasonOf(e));
        }
        return new byte[0];
    }

    private static String reasonOf(IOException e) {
        String message = e.getMessage();
        return message == null ? "input/output error" : Words.printable(message);
    }

    private static YamlSection parse(byte[] bytes, ConfigProblems problems) {
        if (bytes.length > MAX_FILE_BYTES) {
            problems.mistake(YamlPlace.FILE, "is too large; expected at most " + MAX_FILE_BYTES + " bytes");
        }
        problems.throwIfMistaken();
        String text = decoded(bytes, problems);
        problems.throwIfMistaken();
        YamlSyntax.check(text, problems);
        problems.throwIfMistaken();
        return rootOf(text, problems);
    }

    private static String decoded(byte[] bytes, ConfigProblems problems) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        if (decoder.decode(in, out, true).isError()) {
            String before = new String(bytes, 0, in.position(), StandardCharsets.UTF_8);
            problems.mistake(
                    YamlSyntax.placeAt(before, before.length()),
                    String.format(
                            "byte 0x%02x is not text; expected a text file in UTF-8", bytes[in.position()] & 0xff));
            return "";
        }
        String text = out.flip().toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static YamlSection rootOf(String text, ConfigProblems problems) {
        Node root = composed(text, problems);
        if (root instanceof MappingNode mapping) {
            return new YamlSection(mapping, YamlPlace.at(mapping.getStartMark(), ""), problems);
        }
        problems.mistake(
                root == null ? YamlPlace.FILE : YamlPlace.at(root.getStartMark(), ""),
                root == null ? "is empty; expected at least one pool" : "found no key; expected 'key: value' lines");
        throw new ConfigException(problems.mistakes());
    }

    private static @Nullable Node composed(String text, ConfigProblems problems) {
        try {
            return new Yaml(new SafeConstructor(options())).compose(new StringReader(text));
        } catch (YAMLException e) {
            problems.mistake(YamlSyntax.placeOf(e), YamlSyntax.sentenceFor(e));
            throw new ConfigException(problems.mistakes());
        }
    }

    static LoaderOptions options() {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setAllowRecursiveKeys(false);
        options.setMaxAliasesForCollections(0);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setCodePointLimit(MAX_FILE_BYTES);
        return options;
    }
}
