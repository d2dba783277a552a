package io.sluice.proxy.config;

import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the section {@code jodis} in the section {@code zookeeper} of a proxy's file. */
final class JodisReader {

    private static final String FORM = "host:port";
    private static final Set<String> EVERYWHERE = Set.of("0.0.0.0", "::", "[::]", "*", "");
    private static final ScalarType<String> PRODUCT = ScalarType.of(
            "the name of a product",
            "letters, digits, dots, hyphens and underscores",
            text -> ZnodePaths.isName(text) ? Optional.of(text) : Optional.empty());

    private JodisReader() {}

    static Jodis read(YamlSection section, List<Pool> pools) {
        section.required("product", "the name under which clients look for proxies");
        Jodis read = new Jodis(
                section.value("product", "unnamed", PRODUCT),
                address(section, pools),
                section.value("compatible", false, ScalarType.BOOLEAN));
        section.rejectUnknownKeys();
        return read;
    }

    /** A client cannot connect to everywhere, nor to a file of another machine. */
    private static ServerAddress address(YamlSection section, List<Pool> pools) {
        Optional<YamlScalar> said = section.scalar("addr", FORM);
        Optional<ServerAddress> address = said.isPresent()
                ? AddressText.read(said.get().text().strip(), said.get(), "an address", FORM)
                : pools.stream().findFirst().map(pool -> pool.listen().address());
        boolean isReachable = address.isPresent()
                && !address.get().isUnixSocket()
                && !EVERYWHERE.contains(address.get().hostOrPath());
        if (address.isPresent() && !isReachable) {
            String found = said.isPresent()
                    ? "no client can connect there"
                    : "clients cannot connect to '" + address.get() + "', where the first pool listens";
            section.mistake(said.isPresent() ? "addr" : "product", found + "; expected the key 'addr' with " + FORM);
        }
        return address.orElse(PoolReader.NOWHERE);
    }
}
