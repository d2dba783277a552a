package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.TopologyChange;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Some moves at once: those whose turn it is set out, the others wait.
 *
 * @param what they are made for, such as {@code rebalance}
 */
public record BeginMoves(String what, String pool, List<WaitingMove> moves) implements TopologyChange {

    public BeginMoves {
        moves = List.copyOf(moves);
    }

    @Override
    public String title() {
        return what + " of " + pool + ": " + moves.size() + (moves.size() == 1 ? " move" : " moves");
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        Set<String> reasons = new LinkedHashSet<>(); // what is wrong with the pool is wrong with each of them
        Topology after = before;
        for (WaitingMove move : moves) {
            try {
                after = new BeginHandoff(pool, move.id(), move.slots(), move.from(), move.to()).applyTo(after);
            } catch (ChangeRefusedException e) {
                reasons.addAll(e.reasons());
            }
        }
        if (!reasons.isEmpty()) {
            throw new ChangeRefusedException(List.copyOf(reasons));
        }
        return after;
    }
}
