export type Device = { id: string; label: string }

/** The microphones that there are. Browsers tell their names only after one was opened. */
export async function listMicrophones(): Promise<Device[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? []
  return devices
    .filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '')
    .map(({ deviceId, label }, at) => ({ id: deviceId, label: label || `Microphone ${at + 1}` }))
}
