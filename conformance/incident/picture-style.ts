/** The colours of the picture: a neutral, a warning and a calm one, on a light ground and on a dark one. */
export const style = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
    .title { font-size: 16px; font-weight: 600 }
    .quiet { font-size: 12px; fill: #59636e }
    .strong { font-weight: 600 }
    .times { font-weight: 600; fill: #ffffff }
    .ground { fill: #ffffff; stroke: #d1d9e0 }
    .rule { fill: #d1d9e0 }
    .static { fill: #818b98 }
    .straight { fill: #cf222e }
    .sidecar { fill: #1a7f37 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .quiet { fill: #9198a1 }
      .times { fill: #ffffff }
      .ground { fill: #0d1117; stroke: #3d444d }
      .rule { fill: #3d444d }
      .static { fill: #9198a1 }
      .straight { fill: #da3633 }
      .sidecar { fill: #3fb950 }
    }
  `;
