package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import io.sluice.proxy.faults.Fault;
import io.sluice.proxy.faults.FaultBoard;
import io.sluice.proxy.faults.FaultKind;
import io.sluice.proxy.faults.FaultOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code /faults}: what faults are on, and POST and DELETE to begin and end some. Used by one thread. */
final class FaultActions {

    private final ProxyView proxy;

    FaultActions(ProxyView proxy) {
        this.proxy = proxy;
    }

    /** All that are on, oldest first. */
    Page page() {
        return Page.json(JsonText.object("  ", json -> {
            json.name("faults").beginArray();
            for (Fault fault : proxy.faults().faults()) {
                json.beginObject();
                write(json, fault, false);
                json.endObject();
            }
            json.endArray();
        }));
    }

    Page begin(String rest, String body) {
        if (!rest.isEmpty()) {
            return Page.text(404, "a fault gets its number when it begins; POST to /faults");
        }
        List<String> problems = new ArrayList<>();
        Optional<FaultOrder> order = new FaultText(proxy.config(), problems).parse(body);
        if (order.isEmpty()) {
            return Page.text(400, String.join("\n", problems));
        }
        return proxy.faults()
                .begin(order.get())
                .map(fault -> new Page(
                        201, "application/json", JsonText.object("  ", json -> write(json, fault, true)) + "\n"))
                .orElseGet(() ->
                        Page.text(409, FaultBoard.MAX_FAULTS + " faults are on already; DELETE some of them first"));
    }

    Page end(String rest, String body) {
        if (rest.isEmpty()) {
            return Page.text(200, "ended: " + proxy.faults().endAll());
        }
        boolean isNumber = rest.matches("\\d{1,9}");
        return isNumber && proxy.faults().end(Integer.parseInt(rest))
                ? Page.text(200, "ended: 1")
                : Page.text(404, "no fault has this number; GET /faults lists them");
    }

    /** @param toWhoAsked else anybody who reaches the address may look, and keys are nobody's business there */
    private static void write(JsonWriter json, Fault fault, boolean toWhoAsked) throws IOException {
        FaultOrder order = fault.order();
        json.name("id").value(fault.id());
        json.name("kind").value(order.kind().name().toLowerCase(Locale.ROOT));
        json.name("pool").value(order.pool());
        json.name("percent").value(order.percent());
        json.name("commands").beginArray();
        for (String command : order.commands()) {
            json.value(command);
        }
        json.endArray();
        json.name("key_prefix").value(toWhoAsked || order.keyPrefix() == null ? order.keyPrefix() : "(given)");
        json.name("server").value(order.server());
        if (order.kind() == FaultKind.DELAY) {
            json.name("delay").value(order.delay().toMillis() + "ms");
        }
        json.name("since").value(fault.since().toString());
        json.name("until").value(fault.until().toString());
    }
}
