import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that can be cut or fall silent. */
export interface Link {
  readonly port: number;
  /** From now on nothing passes, and nobody is told. */
  freeze(): void;
  close(): Promise<void>;
}

/** Forwards a port of its own to `port`. */
export async function openLink(port: number): Promise<Link> {
  const fars = new Set<Socket>();
  const nears = new Set<Socket>();
  const server = await openServer((near) => {
    const far = connect(port, '127.0.0.1');
    far.on('error', () => undefined);
    nears.add(near);
    fars.add(far);
    near.pipe(far);
    far.pipe(near);
  });
  return {
    port: server.port,
    freeze: () => {
      for (const socket of [...nears, ...fars]) {
        socket.unpipe();
        socket.pause();
      }
    },
    close: async () => {
      for (const socket of fars) socket.destroy();
      await server.close();
    },
  };
}

/** A server on 127.0.0.1 that treats each connection like this. */
export async function openServer(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
