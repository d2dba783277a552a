package io.sluice.proxy.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names to commands, in any case, without allocating: an open-addressing hash table whose key is the length of the
 * name and its first 16 bytes in lower case. The few longer names are compared to their end.
 */
final class NameIndex {
    private static final int WORD = Long.BYTES;
    private static final int IN_WORDS = 2 * WORD;

    private final String[] names;
    private final Command[] commands;
    private final long[] firstWords;
    private final long[] secondWords;
    private final int shift;
    private int longest;

    /** Indexes the commands by {@code names}, which are in lower case and all different. */
    NameIndex(List<String> names, List<Command> commands) {
        int capacity = Integer.highestOneBit(Math.max(2, names.size())) * 4; // at most half full
        this.names = new String[capacity];
        this.commands = new Command[capacity];
        this.firstWords = new long[capacity];
        this.secondWords = new long[capacity];
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(capacity);
        for (int i = 0; i < names.size(); i++) {
            add(names.get(i), commands.get(i));
        }
    }

    private void add(String name, Command command) {
        Arguments argument = new NameArgument(name);
        if (find(argument, 0) != null) {
            throw new IllegalStateException("Two rows have the name " + name);
        }
        longest = Math.max(longest, name.length());
        long first = argument.wordAt(0, 0);
        long second = name.length() > WORD ? argument.wordAt(0, WORD) : 0;
        int place = place(first, second, name.length());
        while (isTaken(place)) {
            place = next(place);
        }
        names[place] = name;
        commands[place] = command;
        firstWords[place] = first;
        secondWords[place] = second;
    }

    /** The command that {@code argument} names, or null. */
    @Nullable Command find(Arguments arguments, int argument) {
        int length = arguments.length(argument);
        if (length == 0 || length > longest) {
            return null;
        }
        long first = AsciiCase.fold(arguments.wordAt(argument, 0));
        long second = length > WORD ? AsciiCase.fold(arguments.wordAt(argument, WORD)) : 0;
        int place = place(first, second, length);
        while (isTaken(place)) {
            if (firstWords[place] == first
                    && secondWords[place] == second
                    && names[place].length() == length
                    && AsciiCase.matchesFrom(arguments, argument, names[place], IN_WORDS)) {
                return commands[place];
            }
            place = next(place);
        }
        return null;
    }

    /** No name begins with a zero byte. */
    private boolean isTaken(int place) {
        return firstWords[place] != 0;
    }

    private int next(int place) {
        return (place + 1) & (commands.length - 1);
    }

    private int place(long first, long second, int length) {
        long mixed = (first ^ (second * 0xC2B2AE3D27D4EB4FL) ^ length) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> shift);
    }

    /** A name as the only argument. */
    private record NameArgument(String name) implements Arguments {
        @Override
        public int count() {
            return 1;
        }

        @Override
        public int length(int argument) {
            return name.length();
        }

        @Override
        public byte byteAt(int argument, int position) {
            return (byte) name.charAt(position);
        }
    }
}
