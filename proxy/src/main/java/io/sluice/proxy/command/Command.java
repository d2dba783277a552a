package io.sluice.proxy.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One command or subcommand and all that is known about it; a row of the {@link CommandTable}. */
public final class Command {
    private final int id;
    private final String name;
    private final int arity;
    private final Access access;
    private final KeyLocator keys;
    private final MergeRule merge;
    private final Handling handling;
    private final SessionStep step;
    private final @Nullable String refusal;
    private final KeyUse keyUse;
    private final QueueUse queueUse;
    private final boolean forEverybody;
    private final boolean runsScript;
    private final List<String> flags;
    private final List<String> categories;

    Command(int id, CommandRow row) {
        this.id = id;
        this.name = row.name();
        this.arity = row.arity();
        this.access = row.access();
        this.keys = row.keys();
        this.merge = row.merge();
        this.handling = row.handling();
        this.step = row.step();
        this.refusal = row.refusal();
        this.keyUse = row.keyUse();
        this.queueUse = row.queueUse();
        this.flags = List.copyOf(row.flags());
        this.categories = List.copyOf(row.categories());
        this.forEverybody = flags.contains("no_auth");
        this.runsScript = categories.contains("@scripting") && !keys.isNone();
    }

    /** Dense from 0, in table order: an index for whoever counts per command. */
    public int id() {
        return id;
    }

    /** In lower case; of a subcommand {@code container|subcommand}. */
    public String name() {
        return name;
    }

    /** The exact number of arguments, names included; negative for "at least". */
    public int arity() {
        return arity;
    }

    /** Whether a request of {@code argumentCount} arguments, names included, can be this command. */
    public boolean arityAllows(int argumentCount) {
        return arity >= 0 ? argumentCount == arity : argumentCount >= -arity;
    }

    public Access access() {
        return access;
    }

    public KeyLocator keys() {
        return keys;
    }

    /** What it does with the values of its keys. */
    public KeyUse keyUse() {
        return keyUse;
    }

    /** What it does with a list that is used as a queue. */
    public QueueUse queueUse() {
        return queueUse;
    }

    /** Whether no rule can take it from a user: AUTH and the like. */
    public boolean isForEverybody() {
        return forEverybody;
    }

    /** Whether it may do anything on the server, as a script may. */
    public boolean runsScript() {
        return runsScript;
    }

    /** How it may be split by server. */
    public MergeRule merge() {
        return merge;
    }

    public Handling handling() {
        return handling;
    }

    /** What it means for what its client has begun. */
    public SessionStep step() {
        return step;
    }

    /** Why it is not served, as the end of a sentence; null if it is. */
    public @Nullable String refusal() {
        return refusal;
    }

    /** Whether this request makes the server wait, although the command as such need not (XREAD BLOCK). */
    public boolean blocks(Arguments arguments) {
        return keys.blocks(arguments);
    }

    /** What COMMAND calls flags. */
    public List<String> flags() {
        return flags;
    }

    /** Access control categories, each with its {@code @}. */
    public List<String> categories() {
        return categories;
    }

    @Override
    public String toString() {
        return name;
    }
}
