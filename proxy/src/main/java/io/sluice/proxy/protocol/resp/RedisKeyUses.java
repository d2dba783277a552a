package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.command.KeyUse.NOTHING;
import static io.sluice.proxy.command.KeyUse.READ;
import static io.sluice.proxy.command.KeyUse.WRITE;

import io.sluice.proxy.command.CommandRow;
import io.sluice.proxy.command.KeyUse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What commands do with the values of their keys, as far as it does not follow from their being reads or writes: Redis'
 * key specifications. RedisCommandsIT compares them with a real server's.
 */
final class RedisKeyUses {
    private static final Map<String, KeyUse> USES = new HashMap<>();

    static {
        put(
                KeyUse.all(NOTHING),
                "exists hexists hlen hstrlen llen memory|usage object|encoding object|freq object|idletime"
                        + " object|refcount scard sismember strlen touch type xlen zcard spublish");
        put(
                KeyUse.all(READ | WRITE),
                "blmpop blpop brpop bzmpop bzpopmax bzpopmin decr decrby getdel getex getset hincrby hincrbyfloat incr"
                        + " incrby incrbyfloat lmpop lpop move rpop setbit spop zincrby zmpop zpopmax zpopmin eval"
                        + " evalsha fcall hgetdel hgetex");
        put(KeyUse.all(READ), "xreadgroup pfdebug");
        put(KeyUse.firstAndOthers(READ | WRITE, WRITE), "blmove brpoplpush lmove rename renamenx rpoplpush smove");
        put(KeyUse.firstAndOthers(READ | WRITE, READ), "pfmerge");
        put(KeyUse.firstAndOthers(READ, WRITE), "copy georadius georadiusbymember sort");
        put(
                KeyUse.firstAndOthers(WRITE, READ),
                "bitop geosearchstore sdiffstore sinterstore sunionstore zdiffstore zinterstore zrangestore"
                        + " zunionstore");
        USES.put("set", KeyUse.ofSet());
        USES.put("bitfield", KeyUse.ofBitfield());
    }

    private RedisKeyUses() {}

    private static void put(KeyUse use, String names) {
        for (String name : names.split(" ", -1)) {
            USES.put(name, use);
        }
    }

    /** The same rows, with what they do with their keys. */
    static List<CommandRow> appliedTo(List<CommandRow> rows) {
        for (CommandRow row : rows) {
            KeyUse use = USES.get(row.name());
            if (use != null) {
                row.using(use);
            }
        }
        return rows;
    }
}
