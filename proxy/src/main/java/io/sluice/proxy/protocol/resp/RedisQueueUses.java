package io.sluice.proxy.protocol.resp;

import io.sluice.proxy.command.CommandRow;
import io.sluice.proxy.command.QueueUse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which commands can be carried out on a list that is on its way to another server, and how. What is not here gets an
 * error: LPUSHX and RPUSHX would have to know of elements at both servers, LRANGE and LREM at which end those from before
 * are, LMOVE takes and adds in one step.
 */
final class RedisQueueUses {
    private static final Map<String, QueueUse> USES = new HashMap<>();

    static {
        put(QueueUse.PUT, "lpush rpush");
        put(QueueUse.TAKE, "lpop rpop lmpop blpop brpop blmpop");
        put(QueueUse.LENGTH, "llen");
        put(QueueUse.WHOLE, "del unlink exists");
    }

    private RedisQueueUses() {}

    private static void put(QueueUse use, String names) {
        for (String name : names.split(" ", -1)) {
            USES.put(name, use);
        }
    }

    /** The same rows, with what they do with queues. */
    static List<CommandRow> appliedTo(List<CommandRow> rows) {
        rows.forEach(row -> row.onQueue(USES.getOrDefault(row.name(), QueueUse.NONE)));
        return rows;
    }
}
