package io.sluice.manager.balance;

import io.sluice.routing.cluster.SlotSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which slots go from which shard to which, so that each has what is due to it: as few as possible, in ranges as long as
 * possible. Pure.
 *
 * <p>Who has too much gives to who has too little, the largest amounts first; so there are fewer steps than shards.
 */
final class SlotBalance {

    /**
     * One shard.
     *
     * @param movable slots that it may give away
     * @param carries what it has once all that was begun before is done
     * @param due what it should have then
     * @param leaves whether it gives away everything
     * @param takes whether it may get any
     */
    record Place(String shard, SlotSet movable, double carries, double due, boolean leaves, boolean takes) {}

    /** Slots that go from one shard to another. */
    record Step(String from, String to, SlotSet slots) {}

    /** A shard while the plan is made. */
    private static final class Account {

        private final String shard;
        private final boolean leaves;
        private final boolean takes;
        private SlotSet movable;
        private double excess;

        Account(Place place) {
            this.shard = place.shard();
            this.leaves = place.leaves();
            this.takes = place.takes();
            this.movable = place.movable();
            this.excess = place.carries() - place.due();
        }
    }

    private final double[] costs;
    private final double slack;
    private final List<Account> accounts;
    private final Map<List<String>, SlotSet> steps = new LinkedHashMap<>();

    private SlotBalance(List<Place> places, double[] costs, double slack) {
        this.costs = costs;
        this.slack = slack;
        this.accounts = places.stream().map(Account::new).toList();
    }

    /**
     * The steps.
     *
     * @param costs what each slot counts, not negative
     * @param slack what nobody minds, in the same unit
     */
    static List<Step> steps(List<Place> places, double[] costs, double slack) {
        SlotBalance balance = new SlotBalance(places, costs, slack);
        balance.level();
        balance.giveRest();
        List<Step> steps = new ArrayList<>();
        balance.steps.forEach((pair, slots) -> steps.add(new Step(pair.get(0), pair.get(1), slots)));
        return steps;
    }

    private void level() {
        while (true) {
            Account giver = richest();
            Account taker = poorest();
            double amount = Math.min(giver.excess, -taker.excess);
            if (amount <= slack) {
                return;
            }
            SlotSet slots = SlotWindows.worth(amount, giver.movable, costs, slack);
            give(giver, taker, slots);
            boolean isMet = amount - SlotLoads.sum(costs, slots) <= slack;
            if (!isMet) { // what is left is in slots that are too large for it
                if (giver.excess < -taker.excess) {
                    giver.excess = 0;
                } else {
                    taker.excess = 0;
                }
            }
        }
    }

    private Account richest() {
        return accounts.stream()
                .max(Comparator.comparingDouble(account -> account.excess))
                .orElseThrow();
    }

    private Account poorest() {
        return accounts.stream()
                .filter(account -> account.takes)
                .min(Comparator.comparingDouble(account -> account.excess))
                .orElseThrow();
    }

    /** Slots that count nothing, or too much for anybody, must leave as well. */
    private void giveRest() {
        for (Account account : accounts) {
            if (account.leaves && !account.movable.isEmpty()) {
                give(account, poorest(), account.movable);
            }
        }
    }

    private void give(Account giver, Account taker, SlotSet slots) {
        if (!slots.isEmpty()) {
            double worth = SlotLoads.sum(costs, slots);
            giver.movable = giver.movable.without(slots);
            giver.excess -= worth;
            taker.excess += worth;
            steps.merge(List.of(giver.shard, taker.shard), slots, SlotSet::with);
        }
    }
}
