/* What the C programs of bench-sockets share: sockets that never block, and growing buffers. */
#ifndef PACELINE_WIRE_H
#define PACELINE_WIRE_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  char *bytes;
  size_t size, room;
} Buffer;

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

static inline int64_t now_ns(void) { /* the clock of Python's time.monotonic_ns */
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void make_room(Buffer *b, size_t more) {
  if (b->size + more <= b->room) return;
  b->room = (b->size + more) * 3 / 2 + 256;
  b->bytes = realloc(b->bytes, b->room);
  if (!b->bytes) die("realloc");
}

static inline void append(Buffer *b, const void *bytes, size_t size) {
  make_room(b, size);
  memcpy(b->bytes + b->size, bytes, size);
  b->size += size;
}

static inline void drop_front(Buffer *b, size_t size) {
  b->size -= size;
  memmove(b->bytes, b->bytes + size, b->size);
}

static inline void never_block(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_NONBLOCK); }

static inline void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline struct sockaddr_in loopback(int port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

/* Read everything that is there now; 0 once the peer is gone. */
static inline int take_in(int fd, Buffer *in) {
  for (;;) {
    make_room(in, 4096);
    ssize_t got = recv(fd, in->bytes + in->size, in->room - in->size, MSG_DONTWAIT);
    if (got == 0) return 0;
    if (got < 0) return errno == EAGAIN;
    in->size += got;
    if (in->size < in->room) return 1;
  }
}

/* Write what the kernel takes, keep the rest for EPOLLOUT; 0 once the peer is gone. */
static inline int send_or_keep(int fd, Buffer *out, const void *bytes, size_t size) {
  ssize_t sent = 0;
  if (out->size == 0) {
    sent = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) return 0;
      sent = 0;
    }
  }
  if ((size_t)sent < size) append(out, (const char *)bytes + sent, size - sent);
  return 1;
}

static inline int send_kept(int fd, Buffer *out) {
  if (out->size == 0) return 1;
  ssize_t sent = send(fd, out->bytes, out->size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN;
  drop_front(out, sent);
  return 1;
}

#endif
