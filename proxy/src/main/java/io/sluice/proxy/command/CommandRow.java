package io.sluice.proxy.command;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table as it is written down; {@link CommandTable#of} makes a {@link Command} of it. A row is forwarded
 * and not split unless it says otherwise.
 *
 * <p>The words of a row are the flags that COMMAND shows and, with an {@code @}, its access control categories. What
 * follows from something else is not written: the flag for read, write or admin, {@code movablekeys}, and the
 * categories that Redis itself derives from flags.
 */
public final class CommandRow {
    private final String name;
    private final int arity;
    private final Access access;
    private final KeyLocator keys;
    private final List<String> flags = new ArrayList<>();
    private final List<String> categories = new ArrayList<>();
    private KeyUse keyUse;
    private QueueUse queueUse = QueueUse.NONE;
    private MergeRule merge = MergeRule.NONE;
    private Handling handling = Handling.FORWARD;
    private SessionStep step = SessionStep.NONE;
    private @Nullable String refusal;

    private CommandRow(String name, int arity, Access access, KeyLocator keys, String words) {
        this.name = name;
        this.arity = arity;
        this.access = access;
        this.keys = keys;
        this.keyUse = KeyUse.following(access);
        for (String word : words.split(" ", -1)) {
            if (!word.isEmpty()) {
                (word.startsWith("@") ? categories : flags).add(word);
            }
        }
        if (!keys.isRange()) {
            flag("movablekeys");
        }
    }

    public static CommandRow read(String name, int arity, KeyLocator keys, String words) {
        return new CommandRow(name, arity, Access.READ, keys, words).flag("readonly");
    }

    public static CommandRow write(String name, int arity, KeyLocator keys, String words) {
        return new CommandRow(name, arity, Access.WRITE, keys, words).flag("write");
    }

    /** What may write although Redis does not flag it: scripts, messages. */
    public static CommandRow mayWrite(String name, int arity, KeyLocator keys, String words) {
        return new CommandRow(name, arity, Access.WRITE, keys, words);
    }

    public static CommandRow admin(String name, int arity, String words) {
        return new CommandRow(name, arity, Access.ADMIN, KeyLocator.none(), words).flag("admin");
    }

    /** What concerns a connection or asks about a server, and needs no administrator. */
    public static CommandRow control(String name, int arity, String words) {
        return control(name, arity, KeyLocator.none(), words);
    }

    public static CommandRow control(String name, int arity, KeyLocator keys, String words) {
        return new CommandRow(name, arity, Access.ADMIN, keys, words);
    }

    /** A command that is nothing without one of its subcommands; each of those has a row {@code name|subcommand}. */
    public static CommandRow container(String name) {
        return control(name, -2, "").refused("it has no such subcommand, or none that the proxy knows");
    }

    /** Puts the rows into an access control category, which is how Redis groups its commands. */
    public static List<CommandRow> group(String category, CommandRow... rows) {
        for (CommandRow row : rows) {
            row.categories.add("@" + category);
        }
        return List.of(rows);
    }

    /** All rows {@link #refused} for the same reason. */
    public static List<CommandRow> allRefused(String reason, List<CommandRow> rows) {
        return rows.stream().map(row -> row.refused(reason)).toList();
    }

    /** May be split by server. */
    public CommandRow merged(MergeRule rule) {
        merge = rule;
        return this;
    }

    /** Uses its keys in another way than reading what it reads and writing what it writes. */
    public CommandRow using(KeyUse use) {
        keyUse = use;
        return this;
    }

    /** Can be carried out while a queue is on its way to another server. */
    public CommandRow onQueue(QueueUse use) {
        queueUse = use;
        return this;
    }

    /** The proxy answers it. */
    public CommandRow local() {
        handling = Handling.LOCAL;
        return this;
    }

    /** Has to do with what its client has begun, or begins something. */
    public CommandRow session(SessionStep meaning) {
        handling = Handling.SESSION;
        step = meaning;
        return this;
    }

    /** The proxy answers it, but for what {@code meaning} says. */
    public CommandRow local(SessionStep meaning) {
        step = meaning;
        return local();
    }

    /** Is not served; {@code reason} is the end of a sentence that begins with the command. */
    public CommandRow refused(String reason) {
        handling = Handling.REFUSED;
        refusal = reason;
        return this;
    }

    private CommandRow flag(String flag) {
        flags.add(flag);
        return this;
    }

    public String name() {
        return name;
    }

    int arity() {
        return arity;
    }

    Access access() {
        return access;
    }

    KeyLocator keys() {
        return keys;
    }

    KeyUse keyUse() {
        return keyUse;
    }

    QueueUse queueUse() {
        return queueUse;
    }

    MergeRule merge() {
        return merge;
    }

    Handling handling() {
        return handling;
    }

    SessionStep step() {
        return step;
    }

    @Nullable String refusal() {
        return refusal;
    }

    List<String> flags() {
        return flags;
    }

    /** The written categories and those that follow from flags, as setImplicitACLCategories of Redis has it. */
    List<String> categories() {
        List<String> all = new ArrayList<>(categories);
        boolean scripting = categories.contains("@scripting");
        addIf(all, flags.contains("write"), "@write");
        addIf(all, flags.contains("readonly") && !scripting, "@read");
        addIf(all, flags.contains("admin"), "@admin");
        addIf(all, flags.contains("admin"), "@dangerous");
        addIf(all, flags.contains("pubsub"), "@pubsub");
        addIf(all, flags.contains("blocking"), "@blocking");
        addIf(all, true, flags.contains("fast") ? "@fast" : "@slow");
        return all;
    }

    private static void addIf(List<String> all, boolean condition, String category) {
        if (condition && !all.contains(category)) {
            all.add(category);
        }
    }
}
