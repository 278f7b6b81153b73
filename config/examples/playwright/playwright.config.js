// No webServer: `vlmshim` in front of `playwright test` starts and ends the server (see vlmshim.toml).
module.exports = {
  use: { baseURL: `http://127.0.0.1:${process.env.VLMSHIM_PORT}` },
};
