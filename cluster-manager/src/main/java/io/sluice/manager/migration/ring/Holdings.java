package io.sluice.manager.migration.ring;

/**
 * What servers that broker messages have of keys that change their owner.
 *
 * @param queues lists on their old owners
 * @param others keys on their old owners that are no lists
 * @param early keys on their new owners
 */
record Holdings(Found queues, Found others, Found early) {

    /**
     * Some keys.
     *
     * @param example one of them in words, its name left out: "a hash on 10.0.0.5:6379"; empty if there is none
     */
    record Found(long keys, String example) {

        static final Found NOTHING = new Found(0, "");

        boolean isNothing() {
            return keys == 0;
        }

        /** "1 key that is a hash on ..." would say more than is known of the others. */
        String told(String one, String many) {
            return keys + " " + (keys == 1 ? one : many) + " (" + example + ")";
        }
    }
}
