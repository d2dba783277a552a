package io.sluice.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The picture in DEVELOPING.md, as rules that fail the build. */
@AnalyzeClasses(packages = "io.sluice", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule routingIsPure = noClasses()
            .that()
            .resideInAPackage("io.sluice.routing..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.netty..", "org.apache..", "org.slf4j..", "io.sluice.proxy..", "io.sluice.manager..");

    @ArchTest
    static final ArchRule onlyConfigReadsYaml = noClasses()
            .that()
            .resideOutsideOfPackage("io.sluice.routing.config..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.yaml..");

    @ArchTest
    static final ArchRule planesDoNotKnowEachOther = noClasses()
            .that()
            .resideInAPackage("io.sluice.proxy..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.sluice.manager..");

    @ArchTest
    static final ArchRule dataFlowsOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("wiring")
            .definedBy("io.sluice.proxy")
            .layer("session")
            .definedBy("io.sluice.proxy.session..")
            .layer("conversation")
            .definedBy("io.sluice.proxy.conversation..")
            .layer("dispatch")
            .definedBy("io.sluice.proxy.dispatch..")
            .layer("backend")
            .definedBy("io.sluice.proxy.backend..")
            .layer("protocol")
            .definedBy("io.sluice.proxy.protocol")
            .whereLayer("wiring")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("session")
            .mayOnlyBeAccessedByLayers("wiring")
            .whereLayer("conversation")
            .mayOnlyBeAccessedByLayers("wiring", "session")
            .whereLayer("dispatch")
            .mayOnlyBeAccessedByLayers("wiring", "session", "conversation")
            .whereLayer("backend")
            .mayOnlyBeAccessedByLayers("wiring", "dispatch", "conversation");

    @ArchTest
    static final ArchRule onlyWiringKnowsWhichProtocolIsCarried = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.sluice.proxy.session..",
                    "io.sluice.proxy.conversation..",
                    "io.sluice.proxy.dispatch..",
                    "io.sluice.proxy.backend..",
                    "io.sluice.proxy.transport..",
                    "io.sluice.proxy.health..",
                    "io.sluice.proxy.command..",
                    "io.sluice.proxy.protocol")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.sluice.proxy.protocol.*..");

    @ArchTest
    static final ArchRule leavesKnowNobody = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.sluice.proxy.command..",
                    "io.sluice.proxy.health..",
                    "io.sluice.proxy.metrics..",
                    "io.sluice.proxy.transport..",
                    "io.sluice.proxy.access..",
                    "io.sluice.proxy.faults..",
                    "io.sluice.proxy.admission..",
                    "io.sluice.proxy.tls..",
                    "io.sluice.proxy.budget..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.sluice.proxy",
                    "io.sluice.proxy.session..",
                    "io.sluice.proxy.conversation..",
                    "io.sluice.proxy.dispatch..",
                    "io.sluice.proxy.backend..",
                    "io.sluice.proxy.protocol..",
                    "io.sluice.proxy.config..");

    @ArchTest
    static final ArchRule nobodyAsksWhatIsCounted = noClasses()
            .that()
            .resideInAPackage("io.sluice..")
            .and()
            .resideOutsideOfPackages("io.sluice.proxy", "io.sluice.proxy.admin..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.sluice.proxy.admin..");

    @ArchTest
    static final ArchRule onlyTheWiringKnowsOfTheCluster = noClasses()
            .that()
            .resideInAPackage("io.sluice..")
            .and()
            .resideOutsideOfPackages("io.sluice.proxy", "io.sluice.proxy.topology..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.sluice.proxy.topology..")
            .because("no request may come to wait for ZooKeeper");

    @ArchTest
    static final ArchRule aMemberOfAClusterServesNobody = noClasses()
            .that()
            .resideInAPackage("io.sluice.proxy.topology..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.netty..",
                    "io.sluice.proxy",
                    "io.sluice.proxy.session..",
                    "io.sluice.proxy.dispatch..",
                    "io.sluice.proxy.backend..",
                    "io.sluice.proxy.transport..");

    @ArchTest
    static final ArchRule onlyTheClusterSpeaksToZooKeeper = noClasses()
            .that()
            .resideInAPackage("io.sluice.proxy..")
            .and()
            .resideOutsideOfPackage("io.sluice.proxy.topology..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.curator..", "org.apache.zookeeper..");

    @ArchTest
    static final ArchRule countingNeedsNothing = noClasses()
            .that()
            .resideInAPackage("io.sluice.proxy.metrics..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "org.slf4j..", "io.sluice.proxy.transport..", "io.sluice.proxy.health..")
            .because("anyone may count, so it must drag nothing along");

    @ArchTest
    static final ArchRule onlyAdminKnowsFormats = noClasses()
            .that()
            .resideInAnyPackage("io.sluice.proxy..", "io.sluice.routing..")
            .and()
            .resideOutsideOfPackages("io.sluice.proxy.admin..", "io.sluice.proxy.topology..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.prometheus..", "com.google.gson..");

    @ArchTest
    static final ArchRule channelsStayBehindTheTransport = noClasses()
            .that()
            .resideOutsideOfPackages("io.sluice.proxy.transport..", "io.sluice.proxy.admin..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.channel..")
            .because("the transport is a seam: another one can take its place; admin has an event loop of its own");

    @ArchTest
    static final ArchRule requestPathHasNoLocks = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.sluice.proxy.session..",
                    "io.sluice.proxy.conversation..",
                    "io.sluice.proxy.dispatch..",
                    "io.sluice.proxy.backend..",
                    "io.sluice.proxy.protocol..",
                    "io.sluice.proxy.budget..",
                    "io.sluice.proxy.transport..")
            .and()
            .doNotHaveFullyQualifiedName(
                    "io.sluice.proxy.transport.Gathering$OwnProcessor") // pauses, bounded: docs/decisions/0017
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.concurrent.locks..")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .because("what a request touches belongs to one event loop");

    @ArchTest
    static final ArchRule requestPathIsNotSynchronized = noMethods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(
                    "io.sluice.proxy.session..",
                    "io.sluice.proxy.conversation..",
                    "io.sluice.proxy.dispatch..",
                    "io.sluice.proxy.backend..",
                    "io.sluice.proxy.protocol..",
                    "io.sluice.proxy.transport..")
            .should()
            .haveModifier(JavaModifier.SYNCHRONIZED);

    @ArchTest
    static final ArchRule namesSayWhatThingsAre =
            noClasses().should().haveNameMatching(".*(Impl|Helper|Util|Utils|Base|Abstract[A-Z]\\w*)");

    @ArchTest
    static final ArchRule noPackageIsADrawerForEverything =
            classes().should().resideOutsideOfPackages("..util..", "..common..", "..helper..", "..impl..", "..base..");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.sluice.(**)").should().beFreeOfCycles();
}
