// vlmshim-gpu-hold PORT: takes most of the GPU's memory, as a model server does, and is hard to end: it ignores SIGTERM
// and has a child in a session of its own that holds a part. Listens on 127.0.0.1:PORT when both hold theirs.

#include <arpa/inet.h>
#include <cuda_runtime.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

void check(cudaError_t error, const char* what) {
    if (error != cudaSuccess) {
        std::fprintf(stderr, "vlmshim-gpu-hold: %s: %s\n", what, cudaGetErrorString(error));
        std::exit(1);
    }
}

/// So many parts of a hundred of the memory that the GPU has, and every page of it written.
void take(std::size_t parts) {
    std::size_t free_now = 0;
    std::size_t total = 0;
    check(cudaMemGetInfo(&free_now, &total), "cudaMemGetInfo");
    const std::size_t size = total / 100 * parts;
    void* memory = nullptr;
    check(cudaMalloc(&memory, size), "cudaMalloc");
    check(cudaMemset(memory, 1, size), "cudaMemset");
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}

void listen_on(unsigned short port) {
    const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(socket_, 1) != 0) {
        std::perror("vlmshim-gpu-hold: port");
        std::exit(1);
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: vlmshim-gpu-hold PORT\n", stderr);
        return 2;
    }
    std::signal(SIGTERM, SIG_IGN);
    int child_holds[2];
    if (pipe(child_holds) != 0) {
        std::perror("vlmshim-gpu-hold: pipe");
        return 1;
    }
    // Before CUDA is used: its state does not survive a fork.
    const pid_t child = fork();
    if (child < 0) {
        std::perror("vlmshim-gpu-hold: fork");
        return 1;
    }
    if (child == 0) {
        setsid();
        take(20);
        if (write(child_holds[1], "x", 1) != 1) {
            return 1;
        }
    } else {
        close(child_holds[1]);
        take(60);
        char byte = 0;
        if (read(child_holds[0], &byte, 1) != 1) {
            std::fputs("vlmshim-gpu-hold: the child holds nothing\n", stderr);
            return 1;
        }
        listen_on(static_cast<unsigned short>(std::atoi(arguments[1])));
    }
    for (;;) {
        pause();
    }
}
