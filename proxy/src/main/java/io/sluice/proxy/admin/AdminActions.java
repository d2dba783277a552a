package io.sluice.proxy.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** What can be changed over the admin address, by method and path. Used by its one thread. */
final class AdminActions {

    /** An action and what of the path was left for it. */
    record Found(Action action, String rest) {}

    private final Map<String, Map<String, Action>> byPath = new LinkedHashMap<>();

    AdminActions(ProxyView proxy) {
        FaultActions faults = new FaultActions(proxy);
        ReloadAction reload = new ReloadAction(proxy);
        put("POST", "/faults", (rest, body) -> CompletableFuture.completedFuture(faults.begin(rest, body)));
        put("DELETE", "/faults", (rest, body) -> CompletableFuture.completedFuture(faults.end(rest, body)));
        put("POST", "/reload", reload::run);
    }

    private void put(String method, String path, Action action) {
        byPath.computeIfAbsent(path, unused -> new LinkedHashMap<>()).put(method, action);
    }

    /** The action for a path, or for one below it. */
    Optional<Found> at(String method, String path) {
        return entry(path)
                .flatMap(entry -> Optional.ofNullable(entry.getValue().get(method))
                        .map(action -> new Found(action, rest(path, entry.getKey()))));
    }

    /** The methods a path takes, those that only look included: {@code GET, HEAD, POST}. */
    String methods(String path) {
        TreeSet<String> methods = new TreeSet<>();
        methods.add("GET");
        methods.add("HEAD");
        entry(path).ifPresent(entry -> methods.addAll(entry.getValue().keySet()));
        return methods.stream().collect(Collectors.joining(", "));
    }

    private Optional<Map.Entry<String, Map<String, Action>>> entry(String path) {
        return byPath.entrySet().stream()
                .filter(entry -> path.equals(entry.getKey()) || path.startsWith(entry.getKey() + "/"))
                .findFirst();
    }

    private static String rest(String path, String own) {
        return path.length() > own.length() ? path.substring(own.length() + 1) : "";
    }
}
