package io.sluice.bench;

import io.sluice.bench.proxies.SluiceVariant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code --sluice}, which every command takes. */
final class VariantOption {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--sluice",
            paramLabel = "NAME=TRANSPORT[,SETTING=VALUE]...",
            converter = Converter.class,
            description = {
                "A Sluice to measure; may be given several times. TRANSPORT is auto, io_uring, epoll or nio. Settings:"
                        + " workers=N, jar=FILE (another build), java=HOME, opt=JVMOPTION (several times).",
                "Default: sluice=auto, one worker, this source tree."
            })
    private List<SluiceVariant> variants = new ArrayList<>();

    List<SluiceVariant> variants() {
        Set<String> names = new HashSet<>();
        for (SluiceVariant variant : variants) {
            if (!names.add(variant.name())) {
                throw new ParameterException(spec.commandLine(), "--sluice: two are named '" + variant.name() + "'");
            }
        }
        return variants.isEmpty() ? List.of(SluiceVariant.DEFAULT) : List.copyOf(variants);
    }

    static final class Converter implements ITypeConverter<SluiceVariant> {
        @Override
        public SluiceVariant convert(String text) {
            try {
                return SluiceVariant.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}
