package io.sluice.proxy.command;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** A request given as text, one character per byte. */
public final class TextArguments implements Arguments {
    private final List<byte[]> arguments;

    private TextArguments(List<byte[]> arguments) {
        this.arguments = arguments;
    }

    public static TextArguments of(String... arguments) {
        return new TextArguments(Stream.of(arguments)
                .map(argument -> argument.getBytes(StandardCharsets.ISO_8859_1))
                .toList());
    }

    @Override
    public int count() {
        return arguments.size();
    }

    @Override
    public int length(int argument) {
        return arguments.get(argument).length;
    }

    @Override
    public byte byteAt(int argument, int position) {
        return arguments.get(argument)[position];
    }
}
