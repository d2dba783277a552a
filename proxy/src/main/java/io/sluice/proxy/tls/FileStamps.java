package io.sluice.proxy.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * By what one sees that files have changed, without reading them: time, size, and which file it is. Links are followed,
 * since Kubernetes changes all files of a secret by changing one link.
 */
record FileStamps(List<String> stamps) {

    FileStamps {
        stamps = List.copyOf(stamps);
    }

    static FileStamps of(List<Path> files) {
        return new FileStamps(files.stream().map(FileStamps::stamp).toList());
    }

    private static String stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException e) {
            return "gone";
        }
    }
}
