package io.tagger.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupPathTest {
    private static final String ID = "3f4ab09c".repeat(8);
    private static final String OTHER = "9d8c7b6a".repeat(8);
    private static final String POD = "2b5a7c9e-1f3d-4a6b-8c0e-9d2f4a6b8c0e";

    /** Paths with ID, OTHER and POD in place of the ids; an underline for POD_ with underlines. */
    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            # Docker
            /docker/ID                                                                             , ID   , -
            /system.slice/docker-ID.scope                                                          , ID   , -
            /user.slice/user-1000.slice/user@1000.service/user.slice/docker-ID.scope               , ID   , -
            /acme.slice/docker-ID.scope/init.scope                                                 , ID   , -
            /docker/OTHER/docker/ID                                                                , ID   , -
            /docker/ID/system.slice/sshd.service                                                   , ID   , -
            /../ID                                                                                 , ID   , -
            /../docker-ID.scope                                                                    , ID   , -
            # containerd
            /kubepods/burstable/podPOD/ID                                                          , ID   , POD
            /kubepods/podPOD/ID                                                                    , ID   , POD
            /kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podPOD_.slice/cri-containerd-ID.scope , ID, POD
            /system.slice/containerd.service/kubepods-besteffort-podPOD_.slice:cri-containerd:ID   , ID   , POD
            /../../kubepods-burstable-podPOD_.slice/cri-containerd-ID.scope                        , ID   , POD
            /../../podPOD/ID                                                                       , ID   , POD
            /../../../besteffort/podPOD/ID                                                         , ID   , POD
            /default/ID                                                                            , ID   , -
            /system.slice/nerdctl-ID.scope                                                         , ID   , -
            # kind: a node in a container
            /docker/OTHER/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podPOD_.slice/cri-containerd-ID.scope , ID , POD
            # CRI-O, with runc and with crun
            /kubepods.slice/kubepods-podPOD_.slice/crio-ID.scope                                   , ID   , POD
            /kubepods.slice/kubepods-podPOD_.slice/crio-ID.scope/container                         , ID   , POD
            /kubepods/besteffort/podPOD/crio-ID                                                    , ID   , POD
            /kubepods.slice/kubepods-podPOD_.slice/crio-conmon-ID.scope                            , -    , POD
            # podman
            /machine.slice/libpod-ID.scope                                                         , ID   , -
            /machine.slice/libpod-ID.scope/container                                               , ID   , -
            /libpod_parent/libpod-ID                                                               , ID   , -
            /machine.slice/libpod-conmon-ID.scope                                                  , -    , -
            /machine.slice/machine-libpod_pod_OTHER.slice/libpod-ID.scope                          , ID   , -
            /machine.slice/machine-libpod_pod_OTHER.slice                                          , -    , -
            # ECS on EC2 and on Fargate
            /ecs/55091c13-b8cf-4801-b527-f4601742204d/ID                                           , ID   , -
            /ecs/55091c13b8cf4801b527f4601742204d/ID                                               , ID   , -
            /ecstasks.slice/ecstasks-55091c13b8cf4801b527f4601742204d.slice/docker-ID.scope        , ID   , -
            /ecs/34dc0b5e626f2c5c4c5170e34b10e765/34dc0b5e626f2c5c4c5170e34b10e765-1234567890      , 34dc0b5e626f2c5c4c5170e34b10e765-1234567890 , -
            # Garden
            /system.slice/garden.service/garden/6f265890-5165-7fab-6b52-18d1                       , 6f265890-5165-7fab-6b52-18d1 , -
            /garden/2b5a7c9e-1f3d-4a6b-8c0e-9d2f4a6b8c0e                                           , 2b5a7c9e-1f3d-4a6b-8c0e-9d2f4a6b8c0e , -
            # a static pod, with the hash of its file as UID
            /kubepods/pod0123456789abcdef0123456789abcdef/ID                                       , ID   , 0123456789abcdef0123456789abcdef
            # no containers
            /                                                                                      , -    , -
            /init.scope                                                                            , -    , -
            /system.slice/docker.service                                                           , -    , -
            /kubepods.slice/kubepods-podPOD_.slice                                                 , -    , POD
            /user.slice/user-1000.slice/session-3.scope                                            , -    , -
            /docker/buildkit/abcdefghijklmnopqrstuvwxy                                             , -    , -
            /process_api/9d1697064a1422689ca426a91ed6ff2c                                          , -    , -
            /docker/3F4AB09C3F4AB09C3F4AB09C3F4AB09C3F4AB09C3F4AB09C3F4AB09C3F4AB09C                , -    , -
            /my-podPOD/x                                                                           , -    , -
            """)
    void containerAndPod(String form, String container, String pod) {
        String path = filled(form);

        assertThat(CgroupPath.container(path))
                .isEqualTo(Optional.ofNullable(container).map(CgroupPathTest::filled));
        assertThat(CgroupPath.pod(path)).isEqualTo(Optional.ofNullable(pod).map(CgroupPathTest::filled));
    }

    private static String filled(String form) {
        return form.replace("POD_", POD.replace('-', '_'))
                .replace("POD", POD)
                .replace("OTHER", OTHER)
                .replace("ID", ID);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            /system.slice/sshd.service                                              , sshd.service
            /system.slice/system-getty.slice/getty@tty1.service                     , getty@tty1.service
            /system.slice/docker.service/child                                      , docker.service
            /user.slice/user-1000.slice/session-3.scope                             , session-3.scope
            /user.slice/user-1000.slice/user@1000.service/app.slice/app-x.service   , app-x.service
            /init.scope                                                             , init.scope
            /                                                                       , -
            /user.slice                                                             , -
            """)
    void unit(String path, String unit) {
        assertThat(CgroupPath.unit(path)).isEqualTo(Optional.ofNullable(unit));
    }

    @Test
    void longPath_isReadUpToTheKernelsLimit() {
        String deep = "/a".repeat(1_960);
        assertThat(deep + "/" + ID).hasSizeLessThan(4_000);

        assertThat(CgroupPath.container(deep + "/" + ID)).contains(ID);
        assertThat(CgroupPath.container("/a".repeat(3_000) + "/" + ID)).isEmpty();
        assertThat(CgroupPath.container("/" + "-".repeat(4_000))).isEmpty();
    }
}
