package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.access.AccessRules;
import io.sluice.proxy.access.CommandGroups;
import io.sluice.proxy.access.Selector;
import io.sluice.proxy.access.User;
import io.sluice.proxy.access.Verdict;
import io.sluice.proxy.command.Arguments;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.SessionState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers those subcommands of ACL that look at users; what changes them stands in the configuration. Replies and texts
 * are those of Redis 7.0, but for rules, which are shown as they were given instead of being worked out anew.
 * Immutable.
 */
final class AccessReplies {
    private final AccessHolder access;
    private final CommandGroups groups;

    AccessReplies(AccessHolder access, CommandGroups groups) {
        this.access = access;
        this.groups = groups;
    }

    /** The reply to an ACL command that is answered here, as a new heap buffer. */
    ByteBuf answer(Command command, Request request, SessionState session) {
        RespBytes reply = new RespBytes();
        switch (command.name()) {
            case "acl|whoami" -> reply.bulk(latin1(nameOf(session)));
            case "acl|cat" -> writeCategories(request, reply);
            case "acl|users" -> writeUsers(access.current().users(), reply);
            case "acl|list" -> writeList(access.current().users(), reply);
            case "acl|getuser" -> writeUser(user(request, 2), reply);
            case "acl|dryrun" -> writeDryRun(request, reply);
            default -> throw new IllegalStateException("not answered here: " + command.name());
        }
        return Unpooled.wrappedBuffer(reply.toByteArray());
    }

    private static String nameOf(SessionState session) {
        User user = session.user();
        return user == null ? AccessRules.DEFAULT_USER : user.name();
    }

    private Optional<User> user(Request request, int argument) {
        return access.current().user(utf8(request, argument));
    }

    private void writeCategories(Request request, RespBytes reply) {
        if (request.count() == 2) {
            writeAll(groups.categories(), reply);
            return;
        }
        if (request.count() > 3) {
            reply.error("ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.");
            return;
        }
        List<Command> commands = groups.inCategory(RespBytes.lowerCase(request, 2));
        if (commands == null) {
            reply.error("ERR Unknown category '" + RespBytes.printable(request, 2) + "'");
        } else {
            writeAll(commands.stream().map(Command::name).toList(), reply);
        }
    }

    private static void writeUsers(Collection<User> users, RespBytes reply) {
        writeAll(users.stream().map(User::name).toList(), reply);
    }

    private static void writeList(Collection<User> users, RespBytes reply) {
        writeAll(users.stream().map(User::toRules).toList(), reply);
    }

    private static void writeUser(Optional<User> found, RespBytes reply) {
        if (found.isEmpty()) {
            reply.nullArray();
            return;
        }
        User user = found.get();
        List<String> flags = new ArrayList<>(List.of(user.isEnabled() ? "on" : "off"));
        if (user.needsNoPassword()) {
            flags.add("nopass");
        }
        reply.array(12).bulk("flags");
        writeAll(flags, reply);
        reply.bulk("passwords");
        writeAll(user.passwords().stream().map(hash -> hash.hex()).toList(), reply);
        writeSelector(user.selectors().get(0), reply);
        List<Selector> others = user.selectors().subList(1, user.selectors().size());
        reply.bulk("selectors").array(others.size());
        others.forEach(selector -> writeSelector(selector, reply.array(6)));
    }

    private static void writeSelector(Selector selector, RespBytes reply) {
        reply.bulk("commands").bulk(latin1(selector.commandRules()));
        reply.bulk("keys").bulk(latin1(selector.keyRules()));
        reply.bulk("channels").bulk(latin1(selector.channelRules()));
    }

    /** {@code ACL DRYRUN user command argument ...}: whether he might, and if not, why. */
    private void writeDryRun(Request request, RespBytes reply) {
        Optional<User> user = user(request, 2);
        if (user.isEmpty()) {
            reply.error("ERR User '" + RespBytes.printable(request, 2) + "' not found");
            return;
        }
        Arguments inner = new CommandReply.Tail(request, 3);
        Command command = RedisCommands.TABLE.find(inner);
        if (command == null) {
            reply.error("ERR Command '" + RespBytes.printable(request, 3) + "' not found");
        } else if (!command.arityAllows(inner.count())) {
            reply.error("ERR wrong number of arguments for '" + command.name() + "' command");
        } else {
            writeDenial(denial(command, inner, user.get().verdict(command, inner, new int[inner.count()])), reply);
        }
    }

    private static void writeDenial(@Nullable String denial, RespBytes reply) {
        if (denial == null) {
            reply.status("OK");
        } else {
            reply.bulk(denial);
        }
    }

    private static @Nullable String denial(Command command, Arguments inner, int verdict) {
        return switch (verdict) {
            case Verdict.ALLOWED -> null;
            case Verdict.COMMAND -> "This user has no permissions to run the '" + command.name() + "' command";
            case Verdict.SCRIPT ->
                "This user has no permissions to run the '" + command.name() + "' command: " + RespErrors.SCRIPT_HINT;
            case Verdict.SORT_BY -> RespErrors.SORT_BY;
            case Verdict.SORT_GET -> RespErrors.SORT_GET;
            default -> "This user has no permissions to access the '" + RespBytes.printable(inner, verdict) + "' key";
        };
    }

    private static void writeAll(Collection<String> texts, RespBytes reply) {
        reply.array(texts.size());
        texts.forEach(text -> reply.bulk(latin1(text)));
    }

    /** One char for each byte of the text, which is what replies are written from. */
    private static String latin1(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static String utf8(Request request, int argument) {
        byte[] bytes = new byte[request.length(argument)];
        request.copy(argument, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
