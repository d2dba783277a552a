package io.sluice.launcher.mutations;

import java.util.List;

/** What is switched off, and who must notice. */
final class Mutations {

    private static final String STORE = "io.sluice.manager.store.";
    private static final String MIGRATION = "io.sluice.manager.migration.";
    private static final String ENGINE = "io.sluice.manager.migration.engine.";
    private static final String PROXY = "io.sluice.proxy.";

    private static final String DRIVE_TEST = MIGRATION + "HandoffDriveTest#";
    private static final String BARRIER_TEST = MIGRATION + "HandoffBarrierTest#";
    private static final String GATE_TEST = PROXY + "dispatch.HandoffGateTest#";
    private static final String REPLY_TEST = PROXY + "dispatch.HandoffReplyTest#";
    private static final String LEASE_TEST = PROXY + "topology.LeaseTest#";
    private static final String STORE_IT = STORE + "ZooKeeperClusterIT#";
    private static final String HANDOFF_IT = PROXY + "HandoffIT#";
    private static final String MOVE_IT = "io.sluice.launcher.ctl.SlotsMoveIT#";
    private static final String SLOW_IT = "io.sluice.launcher.ctl.SlowPartsSoakIT#";
    private static final String STREAM_IT = ENGINE + "StreamCopyIT#";

    private static final String AFTER_A_GAP =
            HANDOFF_IT + "aReplyFromBeforeAGapIsNotPassedOnIfSlotsWereFrozenMeanwhile";

    static final List<Mutation> ALL = List.of(
            // the proxy
            Mutation.of(
                            "requests wait while their slot is frozen",
                            PROXY + "dispatch.HandoffGate#isOpen(Handoff[])",
                            "yes")
                    .noticedAtOnceBy(GATE_TEST + "isOpenInAllStatesButFreezeWhileTheLeaseIsHeld")
                    .noticedBy(HANDOFF_IT + "oneRequestOfEachClientWaitsHoweverManyItSends"),
            Mutation.of("outstanding wait", PROXY + "backend.Outstanding#isSettled()", "yes")
                    .noticedBy(HANDOFF_IT + "aFreezeIsAcknowledgedWhenAllThatWasSentHasBeenAnswered")
                    .noticedBy(HANDOFF_IT + "aHandoffIsAcknowledgedOnceTheRequestsFromBeforeItAreAnswered"),
            Mutation.of("lease check", PROXY + "topology.Lease#isHeld(long,long,long)", "yes")
                    .noticedAtOnceBy(LEASE_TEST + "isHeldForLessThanItsLimit")
                    .noticedAtOnceBy(LEASE_TEST + "theTimeOfDayEndsItWhereTheOtherClockStoodStill")
                    .noticedBy(HANDOFF_IT + "onlySlotsInAHandoffWaitWithoutZooKeeper"),
            Mutation.of("relay check", PROXY + "dispatch.HandoffGate#isUnbroken(Handoff[],long)", "yes")
                    .noticedAtOnceBy(REPLY_TEST + "aReplyWaitsWhileTheLeaseIsGoneAndPassesIfNothingHasBeenFrozen")
                    .noticedAtOnceBy(REPLY_TEST + "aReplyThatComesAfterAGapIsJudgedThoughTheLeaseIsHeld")
                    .noticedBy(AFTER_A_GAP),
            Mutation.of("gap check", PROXY + "topology.Lease#isUnbroken(long,long)", "yes")
                    .noticedAtOnceBy(LEASE_TEST + "aGapIsRememberedThoughTheLeaseIsHeldAgain")
                    .noticedBy(AFTER_A_GAP),
            Mutation.of("attempt check", PROXY + "dispatch.HandoffGate#isAsThen(Handoff)", "yes")
                    .noticedAtOnceBy(REPLY_TEST + "aReplyThatComesAfterAGapIsJudgedThoughTheLeaseIsHeld")
                    .noticedBy(AFTER_A_GAP),
            Mutation.of("CLIENT UNBLOCK (closes instead)", PROXY + "backend.PrivateConnection#endWait()", "closing")
                    .noticedBy(HANDOFF_IT + "anElementThatIsGivenAwayAtTheLastMomentReachesItsClient"),

            // the manager
            Mutation.of("barrier wait", MIGRATION + "Barrier#waitsFor(ProxySightings)", "nobody")
                    .noticedAtOnceBy(BARRIER_TEST + "nothingIsFrozenBeforeEveryProxyKnowsOfTheHandoff")
                    .noticedAtOnceBy(BARRIER_TEST + "aProxyThatWakesUpAfterTheFreezeMustAcknowledgeIt")
                    .noticedBy(SLOW_IT + "aProxyThatHearsOfAFreezeLateWritesNothingThatIsLost"),
            Mutation.of(
                            "silent proxies are waited for before a freeze",
                            MIGRATION + "Barrier#undecided(ProxySightings,Duration,Duration)",
                            "nobody")
                    .noticedAtOnceBy(BARRIER_TEST + "nothingIsFrozenWhileAProxyIsSilentButNotFenced"),
            Mutation.of("drain and gate are asked for", MIGRATION + "HandoffDrive#bringOver(Freeze)", "nothing")
                    .noticedAtOnceBy(DRIVE_TEST + "aHandoffGoesAllTheWay"),
            Mutation.of("drain", MIGRATION + "EngineMover#drain(Duration)", "nothing")
                    .noticedBy(ENGINE + "EngineMoverIT#refusesTheSwitchWhenSomethingElseWroteOnTheTarget")
                    .noticedBy(SLOW_IT + "aTargetThatWritesLateHasEverythingBeforeTheSwitch"),
            Mutation.of("drain of the engines", ENGINE + "Drains#await(CopyRun,Duration)", "drained")
                    .noticedBy(ENGINE + "TrackingCopyIT#aDrainIsNotOverWhileClientsWrite")
                    .noticedBy(STREAM_IT + "aDrainBringsOverWhatWasWrittenDuringAPause")
                    .noticedBy(STREAM_IT + "aDrainIsOverWhenAReplicaOfTheTargetHasEverything"),
            Mutation.of("replicas of the target are waited for", ENGINE + "Replicas#confirm(RedisLink,Pace)", "leftOut")
                    .noticedBy(STREAM_IT + "aDrainIsNotOverWhileNoReplicaOfTheTargetConfirms"),
            Mutation.of("gate", ENGINE + "ConnectionGate#end(Collection)", "nothing")
                    .noticedBy(ENGINE + "LateCommandIT#isNotExecutedWhenTheGateWasClosedBefore")
                    .noticedBy(ENGINE + "EngineMoverIT#endsTheConnectionsOfAnotherManagerBeforeItBegins"),
            Mutation.of("connections are written down", MIGRATION + "BookLedger#announce(MaintenanceConnection)", "yes")
                    .noticedAtOnceBy(MIGRATION + "BookLedgerTest#whoTakesOverFindsWhatWasAnnounced")
                    .noticedAtOnceBy(MIGRATION + "BookLedgerTest#whoDoesNotLeadUsesNoConnection"),
            Mutation.of("purge", ENGINE + "KeyPurge#run()", "none")
                    .noticedBy(ENGINE + "SlotCopyIT#leavesOtherKeysOfTheTargetAloneAndPurgesLeftovers")
                    .noticedBy(MOVE_IT + "anAbortedMoveLeavesNothingOnTheTarget"),
            Mutation.of("other primaries are noticed", MIGRATION + "Underway#hasSamePrimariesIn(Topology)", "yes")
                    .noticedBy(MIGRATION + "MigrationsIT#aMoveBeginsAnewWhenOneOfItsShardsGetsAnotherPrimary"),
            Mutation.of(
                            "a target that has failed over is not promoted",
                            ENGINE + "StrayReplica#isAt(RedisEndpoint,String,long)",
                            "yes")
                    .noticedBy(ENGINE + "ChangedRolesIT#aTargetThatHasFailedOverIsNotPromoted"),
            Mutation.of("sentinels are looked for", ENGINE + "Watchers#of(RedisLink)", "none")
                    .noticedBy(ENGINE + "ChangedRolesIT#aTargetIsNoReplicaForAWhileWhereSentinelsWatch"),
            Mutation.of("term check", STORE + "Candidacy$HeldTerm#check()", "anyTerm")
                    .noticedBy(STORE_IT + "whoeverIsDeposedWritesNothingAndStandsAgain")
                    .noticedBy(STORE_IT + "whoeverIsDeposedWritesDownNoConnection")
                    .noticedBy(STORE_IT + "whoeverIsDeposedGivesNoOrders"),
            Mutation.of(
                            "compare-and-set of the topology",
                            STORE + "ZooKeeperTopologyStore#writing(int,byte[])",
                            "whateverItsVersion")
                    .noticedBy(STORE_IT + "whoHasReadAnOlderOneMustReadAgain"));

    private Mutations() {}
}
