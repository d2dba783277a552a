package io.sluice.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.protocol.resp.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessHolderTest {

    @Test
    void whoeverListensFindsTheNewRulesInForce() {
        AccessRules before = RedisCommands.accessBy(null);
        AccessRules after = RedisCommands.accessBy("secret");
        AccessHolder holder = new AccessHolder(before);
        List<AccessRules> heard = new ArrayList<>();
        holder.onChange(() -> heard.add(holder.current()));
        holder.onChange(() -> heard.add(holder.current()));

        holder.replace(after);

        assertThat(heard).containsExactly(after, after);
    }
}
