package io.sluice.launcher.demo;

import io.sluice.launcher.text.KeyPlacement;
import io.sluice.routing.Router;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Keys worth showing: as far as the candidates go, each on another server. */
final class SampleKeys {

    private static final int SHOWN = 3;
    private static final List<String> CANDIDATES = List.of(
            "user:1001",
            "user:1002",
            "user:1003",
            "user:1004",
            "user:1005",
            "user:1006",
            "session:77",
            "{cart:9}:items");

    private SampleKeys() {}

    static List<KeyPlacement> of(Router router) {
        List<KeyPlacement> shown = new ArrayList<>();
        List<KeyPlacement> others = new ArrayList<>();
        for (String key : CANDIDATES) {
            KeyPlacement placement = KeyPlacement.of(router, key.getBytes(StandardCharsets.UTF_8));
            boolean newServer = shown.stream().noneMatch(each -> each.server().equals(placement.server()));
            (newServer ? shown : others).add(placement);
        }
        shown.addAll(others);
        return shown.stream()
                .limit(SHOWN)
                .sorted(Comparator.comparing(KeyPlacement::server))
                .toList();
    }
}
